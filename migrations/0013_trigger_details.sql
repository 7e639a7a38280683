-- One script may say the same trigger several times with other details: two ON EMAIL of an address with two subjects, two
-- ON CHANGE of a folder with an event each.

alter table gb.bot_triggers
  add column number smallint not null default 0 constraint bot_triggers_number_range check (number between 0 and 200),
  drop constraint bot_triggers_pkey,
  add primary key (customer_id, bot_id, kind, name, script, number);

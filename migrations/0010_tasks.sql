-- People at work with bots: tasks, appointments, conversations handed over, approvals, contacts, and what programs count.

create table gb.tasks (
  customer_id uuid not null,
  task_id uuid not null,
  bot_id uuid not null,
  title text not null constraint tasks_title_length check (char_length(title) between 1 and 300),
  assignee_id uuid,
  created_by uuid not null,
  due_at timestamptz,
  details jsonb not null,
  created_at timestamptz not null,
  done_at timestamptz,
  primary key (customer_id, task_id),
  foreign key (customer_id, bot_id) references gb.bots,
  foreign key (customer_id, assignee_id) references gb.users,
  foreign key (customer_id, created_by) references gb.users
);
create index tasks_open on gb.tasks (customer_id, assignee_id, due_at) where done_at is null;

create table gb.appointments (
  customer_id uuid not null,
  appointment_id uuid not null,
  bot_id uuid not null,
  title text not null constraint appointments_title_length check (char_length(title) between 1 and 300),
  person_id uuid,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  details jsonb not null,
  primary key (customer_id, appointment_id),
  constraint appointments_order check (starts_at < ends_at),
  foreign key (customer_id, bot_id) references gb.bots,
  foreign key (customer_id, person_id) references gb.users
);

-- Each five minutes of a calendar belong to one appointment: the primary key keeps two from meeting, whoever asks when.
create table gb.appointment_slots (
  customer_id uuid not null,
  calendar text not null constraint appointment_slots_calendar_length check (char_length(calendar) between 1 and 120),
  -- Since 1970.
  slot int not null,
  appointment_id uuid not null,
  primary key (customer_id, calendar, slot),
  foreign key (customer_id, appointment_id) references gb.appointments on delete cascade
);
create index appointment_slots_appointment on gb.appointment_slots (customer_id, appointment_id);

create table gb.handovers (
  customer_id uuid not null,
  handover_id uuid not null,
  code text not null constraint handovers_code_length check (char_length(code) <= 12),
  bot_id uuid not null,
  -- No foreign key: the next dialog of a place takes over its row under another id.
  conversation_id uuid not null,
  person_id uuid not null,
  desk_id uuid not null,
  root_client_id uuid not null,
  queue text not null constraint handovers_queue_length check (char_length(queue) <= 80),
  reason text not null constraint handovers_reason_length check (char_length(reason) <= 500),
  priority text not null check (priority in ('low', 'normal', 'high', 'urgent')),
  tags text[] not null default '{}' constraint handovers_tags_count check (cardinality(tags) <= 20),
  opened_at timestamptz not null,
  taken_by uuid,
  taken_at timestamptz,
  closed_by uuid,
  closed_at timestamptz,
  -- The last entry of the desk that was taken into account.
  desk_seq bigint not null default 0,
  primary key (customer_id, handover_id),
  foreign key (customer_id, bot_id) references gb.bots,
  foreign key (customer_id, person_id) references gb.users,
  foreign key (customer_id, desk_id) references gb.channels,
  foreign key (customer_id, taken_by) references gb.users,
  foreign key (customer_id, closed_by) references gb.users
);
create index handovers_root on gb.handovers (customer_id, desk_id, root_client_id);
create index handovers_open on gb.handovers (customer_id, desk_id, opened_at) where closed_at is null;
create index handovers_conversation on gb.handovers (customer_id, conversation_id, opened_at);
create index handovers_code on gb.handovers (customer_id, code);
create index handovers_taken_by on gb.handovers (customer_id, taken_by) where taken_by is not null;

create table gb.attendants (
  customer_id uuid not null,
  user_id uuid not null,
  state text not null constraint attendants_state_length check (char_length(state) between 1 and 40),
  changed_at timestamptz not null,
  primary key (customer_id, user_id),
  foreign key (customer_id, user_id) references gb.users
);

create table gb.approvals (
  customer_id uuid not null,
  approval_id uuid not null,
  code text not null constraint approvals_code_length check (char_length(code) <= 12),
  bot_id uuid not null,
  conversation_id uuid not null,
  approver_id uuid not null,
  text text not null constraint approvals_text_length check (char_length(text) <= 2000),
  asked_at timestamptz not null,
  expires_at timestamptz,
  is_approved boolean,
  decided_at timestamptz,
  decided_seq bigint,
  primary key (customer_id, approval_id),
  foreign key (customer_id, bot_id) references gb.bots,
  foreign key (customer_id, approver_id) references gb.users
);
create index approvals_code on gb.approvals (customer_id, approver_id, code);

create table gb.contacts (
  customer_id uuid not null,
  -- An e-mail, a telephone number or a name, in lower case.
  key text not null constraint contacts_key_length check (char_length(key) between 1 and 254),
  name text not null constraint contacts_name_length check (char_length(name) <= 200),
  email text not null constraint contacts_email_length check (char_length(email) <= 254),
  phone text not null constraint contacts_phone_length check (char_length(phone) <= 60),
  score double precision not null default 0,
  details jsonb not null default '{}',
  changed_at timestamptz not null,
  primary key (customer_id, key)
);

create table gb.contact_entries (
  customer_id uuid not null,
  entry_id uuid not null,
  key text not null constraint contact_entries_key_length check (char_length(key) between 1 and 254),
  bot_id uuid not null,
  kind text not null check (kind in ('note', 'deal', 'score', 'activity')),
  text text not null constraint contact_entries_text_length check (char_length(text) <= 4000),
  amount double precision,
  details jsonb not null,
  at timestamptz not null,
  primary key (customer_id, entry_id),
  foreign key (customer_id, bot_id) references gb.bots
);
create index contact_entries_key on gb.contact_entries (customer_id, key, at);

create table gb.bot_counters (
  customer_id uuid not null,
  bot_id uuid not null,
  day date not null,
  name text not null constraint bot_counters_name_length check (char_length(name) between 1 and 80),
  -- As JSON, with the names in order.
  labels text not null constraint bot_counters_labels_length check (char_length(labels) <= 400),
  count double precision not null,
  primary key (customer_id, bot_id, day, name, labels),
  foreign key (customer_id, bot_id) references gb.bots
);

select control.raise_wall(t::regclass) from unnest(array[
  'gb.tasks', 'gb.appointments', 'gb.appointment_slots', 'gb.handovers', 'gb.attendants', 'gb.approvals', 'gb.contacts',
  'gb.contact_entries', 'gb.bot_counters'
]) t;
grant select, insert, update on gb.tasks, gb.handovers, gb.attendants, gb.approvals, gb.contacts, gb.bot_counters to gb_app;
grant select, insert, delete on gb.appointments, gb.appointment_slots, gb.contact_entries to gb_app;

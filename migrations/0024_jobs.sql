-- What leaves a workspace by itself: webhooks to other systems, and exports for people to keep.

-- Where events go. The secret is kept as it is, because every delivery is signed with it; it is shown once.
create table gb.webhooks (
  customer_id uuid not null,
  webhook_id uuid not null,
  name text not null constraint webhooks_name_length check (char_length(name) between 1 and 200),
  address text not null constraint webhooks_address_length check (char_length(address) between 1 and 2000),
  kinds text[] not null constraint webhooks_kinds_length check (cardinality(kinds) between 1 and 40),
  -- All public channels; otherwise those of gb.webhook_channels.
  is_everywhere boolean not null,
  secret bytea not null,
  -- Signs too for a while, so that a receiver can change over.
  old_secret bytea,
  old_secret_until timestamptz,
  created_by uuid not null,
  created_at timestamptz not null,
  is_active boolean not null,
  -- Why not: by a person, because it failed for long, because its address is gone, because too much waited for it.
  off_reason text constraint webhooks_off_reason check (off_reason in ('person', 'failing', 'gone', 'flooded')),
  -- Of the failures in a row.
  failing_since timestamptz,
  failures int not null default 0,
  primary key (customer_id, webhook_id),
  foreign key (customer_id, created_by) references gb.users,
  constraint webhooks_off check (is_active = (off_reason is null)),
  constraint webhooks_old_secret check ((old_secret is null) = (old_secret_until is null))
);

-- Somebody chose each of them, and a private one is told of for as long as that person is in it.
create table gb.webhook_channels (
  customer_id uuid not null,
  webhook_id uuid not null,
  channel_id uuid not null,
  chosen_by uuid not null,
  primary key (customer_id, webhook_id, channel_id),
  foreign key (customer_id, webhook_id) references gb.webhooks on delete cascade,
  foreign key (customer_id, channel_id) references gb.channels,
  foreign key (customer_id, chosen_by) references gb.users
);

create table gb.webhook_deliveries (
  customer_id uuid not null,
  delivery_id uuid not null,
  webhook_id uuid not null,
  kind text not null constraint webhook_deliveries_kind_length check (char_length(kind) between 1 and 40),
  -- The entry that is told of; all three null for a test.
  channel_id uuid,
  epoch int,
  seq bigint,
  status text not null
    constraint webhook_deliveries_status check (status in ('waiting', 'retrying', 'delivered', 'dead', 'skipped')),
  attempts int not null default 0,
  -- How often a person asked for it again.
  again int not null default 0,
  created_at timestamptz not null,
  -- Of the last attempt.
  tried_at timestamptz,
  http_status int,
  answer text constraint webhook_deliveries_answer_length check (char_length(answer) <= 1024),
  reason text constraint webhook_deliveries_reason_length check (char_length(reason) <= 500),
  duration_ms int,
  primary key (customer_id, delivery_id),
  foreign key (customer_id, webhook_id) references gb.webhooks on delete cascade,
  constraint webhook_deliveries_entry check ((channel_id is null) = (seq is null) and (channel_id is null) = (epoch is null))
);
-- One delivery of an entry, however often the event log hands it out.
create unique index webhook_deliveries_entry_once on gb.webhook_deliveries (customer_id, webhook_id, channel_id, epoch, seq);
create index webhook_deliveries_newest on gb.webhook_deliveries (customer_id, webhook_id, created_at desc, delivery_id desc);
create index webhook_deliveries_open on gb.webhook_deliveries (customer_id, webhook_id) where status in ('waiting', 'retrying');
-- Those that nobody has tried, in the order in which they are to be.
create index webhook_deliveries_first on gb.webhook_deliveries (customer_id, webhook_id, channel_id, epoch, seq)
  where status = 'waiting' and attempts = 0;
create index webhook_deliveries_old on gb.webhook_deliveries (customer_id, created_at);

-- An export is made piece by piece. `state` says how far it is, and the entries of the zip file to come are rows of their
-- own; the pieces are objects whose names follow from the export and their number.
create table gb.exports (
  customer_id uuid not null,
  export_id uuid not null,
  -- null: the workspace.
  channel_id uuid,
  requested_by uuid not null,
  status text not null constraint exports_status check (status in ('waiting', 'running', 'done', 'failed')),
  state json not null,
  -- Entries of logs gone through, and how many there are.
  written bigint not null default 0,
  total bigint not null default 0,
  revision int not null default 0,
  file_id uuid,
  bytes bigint,
  reason text constraint exports_reason_length check (char_length(reason) <= 500),
  created_at timestamptz not null,
  changed_at timestamptz not null,
  -- When the file leaves.
  ends_at timestamptz,
  primary key (customer_id, export_id),
  foreign key (customer_id, channel_id) references gb.channels,
  foreign key (customer_id, requested_by) references gb.users
);
create index exports_newest on gb.exports (customer_id, requested_by, created_at desc, export_id desc);

create table gb.export_entries (
  customer_id uuid not null,
  export_id uuid not null,
  number int not null,
  name text not null constraint export_entries_name_length check (char_length(name) between 1 and 400),
  crc bigint not null,
  size bigint not null,
  packed bigint not null,
  parts int[] not null,
  primary key (customer_id, export_id, number),
  foreign key (customer_id, export_id) references gb.exports on delete cascade
);

select control.raise_wall(t::regclass) from unnest(array[
  'gb.webhooks', 'gb.webhook_channels', 'gb.webhook_deliveries', 'gb.exports', 'gb.export_entries'
]) t;
grant select, insert, update, delete on gb.webhooks, gb.webhook_channels, gb.webhook_deliveries, gb.exports, gb.export_entries
  to gb_app;

-- Counted against what the customer may have (migration 0023).
create trigger count_webhook after insert or delete on gb.webhooks for each row execute function gb.count_row('webhooks');

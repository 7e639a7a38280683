/** What goes over the wire, as the proto files say it. Ids are text, absent messages null. */

export interface Peer {
  readonly id: string;
  readonly store_id: string;
  readonly role: 'Voter' | 'Learner' | 'IncomingVoter' | 'DemotingVoter';
  readonly is_witness: boolean;
}

export interface RegionMeta {
  readonly id: string;
  readonly start_key: Uint8Array;
  readonly end_key: Uint8Array;
  readonly region_epoch: RegionEpoch | null;
  readonly peers: readonly Peer[];
}

export interface RegionEpoch {
  readonly conf_ver: string;
  readonly version: string;
}

export interface StoreMeta {
  readonly id: string;
  readonly address: string;
  readonly state: 'Up' | 'Offline' | 'Tombstone';
}

export interface RegionContext {
  readonly region_id: string;
  readonly region_epoch: RegionEpoch | null;
  readonly peer: Peer;
  readonly max_execution_duration_ms: number;
  readonly is_retry_request: boolean;
}

export interface KvPair {
  readonly error?: { readonly retryable: string; readonly abort: string } | null;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Kinds whose content nobody needs. */
type Plain =
  | 'region_not_found'
  | 'key_not_in_region'
  | 'stale_command'
  | 'store_not_match'
  | 'max_timestamp_not_synced'
  | 'read_index_not_ready'
  | 'proposal_in_merging_mode'
  | 'data_is_not_ready'
  | 'region_not_initialized'
  | 'disk_full'
  | 'RecoveryInProgress'
  | 'FlashbackInProgress'
  | 'FlashbackNotPrepared'
  | 'is_witness'
  | 'mismatch_peer_id'
  | 'bucket_version_not_match'
  | 'undetermined_result';

export type RegionError = { readonly message: string } & { readonly [kind in Plain]?: object | null } & {
  readonly not_leader?: { readonly leader: Peer | null } | null;
  readonly epoch_not_match?: { readonly current_regions: readonly RegionMeta[] } | null;
  readonly server_is_busy?: { readonly reason: string; readonly backoff_ms: string } | null;
  readonly raft_entry_too_large?: object | null;
};

export type RegionErrorKind = Exclude<keyof RegionError, 'message'>;

/** Of every answer of a store. */
export interface Answer {
  readonly region_error?: RegionError | null;
  /** What is wrong besides; empty for nothing. */
  readonly error?: string;
}

interface Question {
  readonly context: RegionContext;
}

export interface TikvCalls {
  RawGet: [Question & { key: Uint8Array }, Answer & { value: Uint8Array; not_found: boolean }];
  RawBatchGet: [Question & { keys: readonly Uint8Array[] }, Answer & { pairs: readonly KvPair[] }];
  RawPut: [Question & { key: Uint8Array; value: Uint8Array; for_cas: boolean }, Answer];
  RawBatchPut: [Question & { pairs: readonly KvPair[]; for_cas: boolean }, Answer];
  RawDelete: [Question & { key: Uint8Array; for_cas: boolean }, Answer];
  RawBatchDelete: [Question & { keys: readonly Uint8Array[]; for_cas: boolean }, Answer];
  RawScan: [Question & { start_key: Uint8Array; end_key: Uint8Array; limit: number }, Answer & { kvs: readonly KvPair[] }];
  RawCompareAndSwap: [
    Question & { key: Uint8Array; value: Uint8Array; previous_not_exist: boolean; previous_value: Uint8Array },
    Answer & { succeed: boolean; previous_not_exist: boolean; previous_value: Uint8Array },
  ];
}

export interface PdHeader {
  readonly cluster_id: string;
  readonly error: { readonly type: string; readonly message: string } | null;
}

export interface PdMember {
  readonly name: string;
  readonly member_id: string;
  readonly client_urls: readonly string[];
}

interface PdAnswer {
  readonly header: PdHeader | null;
}

interface PdQuestion {
  readonly header: { readonly cluster_id: string };
}

export interface PdCalls {
  GetMembers: [PdQuestion, PdAnswer & { members: readonly PdMember[]; leader: PdMember | null }];
  GetStore: [PdQuestion & { store_id: string }, PdAnswer & { store: StoreMeta | null }];
  GetRegion: [PdQuestion & { region_key: Uint8Array }, PdAnswer & { region: RegionMeta | null; leader: Peer | null }];
  ScanRegions: [
    PdQuestion & { start_key: Uint8Array; end_key: Uint8Array; limit: number },
    PdAnswer & {
      region_metas: readonly RegionMeta[];
      leaders: readonly (Peer | null)[];
      regions: readonly { region: RegionMeta | null; leader: Peer | null }[];
    },
  ];
}

// Everything that can fail, by kind: how often it is tried again, what is at fault, and what becomes of a chunk.

/**
 * How often the activity itself asks again before the workflow hears of it. `a few times`: five tries, two for a part of
 * something that failed as a whole. Pauses grow; `as long as it takes` spends no API call.
 */
export type Retried = 'never' | 'once' | 'a few times' | 'as long as it takes';

/**
 * What is at fault, and so what the run does.
 * - `run`: what the whole run stands on. No other chunk would come through either: it ends.
 * - `quota`: nothing; it waits until the time that the failure names.
 * - `credential`: a person has to bring a new token. It waits; before anything was loaded, it ends.
 * - `store`: it passes by itself, or once a person has seen to it. It waits.
 * - `pinterest`: Pinterest or the way there. The chunk goes back to planning; an older catalogue will do.
 * - `chunk`, `worker`: the chunk goes back to planning.
 * - `target`: somebody else's; the run goes on as if nothing was.
 */
export type Fault = 'run' | 'quota' | 'credential' | 'store' | 'pinterest' | 'chunk' | 'worker' | 'target';

export interface FailureRule {
  retried: Retried;
  fault: Fault;
  /** The chunk is cut in two: a smaller question may be answered. */
  split?: true;
  /** Analytics calls will not read the chunk, however they are made; a report may. */
  reportInstead?: true;
  /**
   * How many of a cell's three tries a failed chunk uses up; of one to be cut, if it cannot be. One, if left out.
   * `all of a part`: the last part of something larger has failed with all that it was cut out of, and that is enough.
   */
  tries?: 'all' | 'all of a part';
}

const FAILURES = {
  /** A spec that cannot run, or not in this store. */
  InvalidSpec: { retried: 'never', fault: 'run' },
  /** The ad account has no object that the spec names. */
  UnknownObjects: { retried: 'never', fault: 'run' },
  /** Another run has taken the dataflow over. */
  ClaimLost: { retried: 'never', fault: 'run' },
  /** A scope or a role is missing. */
  AccessDenied: { retried: 'never', fault: 'run' },
  /** The store's address, password or folder is wrong. */
  StoreUnavailable: { retried: 'never', fault: 'run' },

  /** The budget has no permit now. */
  QuotaExhausted: { retried: 'never', fault: 'quota' },
  /** Pinterest says to come back later. */
  RateLimited: { retried: 'never', fault: 'quota' },
  /** Nobody says whether a call may leave; no other way is open. */
  QuotaUnanswered: { retried: 'never', fault: 'quota' },

  /** The token is refused, or there is none. */
  CredentialExpired: { retried: 'never', fault: 'credential' },

  /** Another program holds the store, or its server is away. */
  StoreLocked: { retried: 'never', fault: 'store' },
  DiskFull: { retried: 'never', fault: 'store' },

  /** The same question may be answered soon, or a smaller one. */
  Transient: { retried: 'a few times', fault: 'pinterest', split: true, tries: 'all of a part' },
  /** A body that is not what the API promises. */
  ContractViolation: { retried: 'a few times', fault: 'pinterest', reportInstead: true },

  /** A smaller question may be answered. */
  TooLarge: { retried: 'never', fault: 'chunk', split: true, tries: 'all of a part' },
  /** Pinterest does not answer this very question. `after-failure.ts` says what may help. */
  Refused: { retried: 'never', fault: 'chunk', split: true },
  /** A report failed, expired, vanished, or cannot be downloaded; it has to be asked for again. */
  ReportLost: { retried: 'never', fault: 'chunk' },
  /** A report is still being made: it is looked at again when the failure says. */
  ReportPending: { retried: 'as long as it takes', fault: 'chunk' },

  /** The worker went away, or its work took too long. */
  Timeout: { retried: 'never', fault: 'worker', split: true, tries: 'all of a part' },
  /** Anything else: a fault of ours, most likely. Never tried for ever, since each try may cost calls. */
  Unexpected: { retried: 'a few times', fault: 'worker' },

  /** A target refuses, and will until a person has seen to it: a secret, a permission, a field of another type. */
  TargetRefused: { retried: 'never', fault: 'target' },
  /** A target says to come back later. */
  TargetThrottled: { retried: 'never', fault: 'target' },
  /** A target is away or broken; what may pass by itself. */
  TargetUnavailable: { retried: 'a few times', fault: 'target' },

  /** The webhook that is told of a run's end; how often it is tried is the workflow's decision. */
  AlertNotDelivered: { retried: 'as long as it takes', fault: 'target' },
} as const satisfies Record<string, FailureRule>;

export type FailureKind = keyof typeof FAILURES;

/** Some of the kinds, each of which there must be. */
export type Kinds<Some extends FailureKind> = Some;

export const FAILURE_KINDS = Object.keys(FAILURES) as FailureKind[];

export const ruleOf = (kind: FailureKind): FailureRule => FAILURES[kind];

/** The kind of a failure by its type as Temporal has it; `Unexpected` for types that no activity of this version throws. */
export const kindOf = (type: string | null | undefined): FailureKind =>
  FAILURE_KINDS.find((kind) => kind === type) ?? 'Unexpected';

export interface FailureFacts {
  /** When to come back, epoch ms. */
  retryAtMs?: number;
  /** When to ask again, if that is sooner: the answer may have changed. */
  askAgainAtMs?: number | undefined;
  /** Nothing answers at the API's address, so a smaller question will not be answered either. */
  unreachable?: boolean;
  /** If not as often as its kind. */
  retried?: Retried;
  /** What Pinterest said as it refused: the status and its own words, without what was asked. */
  said?: string;
}

/** An error that knows what kind of failure it is; each room derives its own. */
export class KnownError<Kind extends FailureKind = FailureKind> extends Error {
  override readonly name: string = 'KnownError';

  constructor(
    readonly kind: Kind,
    message: string,
    readonly facts: FailureFacts = {},
  ) {
    super(message);
  }
}

/**
 * Which tab of a browser owns a database, as one tab sees it.
 *
 * ```text
 *            heard an owner                    silent, pinged, silent
 *   asking ─────────────────▶ following ─────────────────────────────▶ stealing
 *     │  granted                  │ granted                               │ granted
 *     └──────────────▶ opening ◀──┴───────────────────────────────────────┘
 *                        │ opened            robbed, frozen (from anywhere)
 *                        ▼                            │
 *                     owning                          ▼   asking again; frozen: once it is resumed
 * ```
 * The lock decides, words on the channel only tell. A closed owner's lock falls to the next at once. A frozen one gives
 * it back, as it is told in time. One that hangs answers no ping: its lock is stolen after `suspectMs` + `stealMs`.
 */
export interface OwnershipState {
  readonly phase: 'asking' | 'following' | 'stealing' | 'opening' | 'owning' | 'frozen' | 'out';
  /** Heard last; null before the first. */
  readonly ownerId: string | null;
  /** The owner is there, with its database still being opened. */
  readonly ownerOpens: boolean;
  /** Another version of the pages owns it: what it says is not understood. */
  readonly otherVersion: boolean;
  /** This tab knew an owner before: it takes over, rather than begins. */
  readonly hadOwner: boolean;
  /** Monotonic ms of the owner's last word, or of when waiting began. */
  readonly heardAt: number;
  readonly pingedAt: number | null;
  readonly tickedAt: number;
  /** Why there is no database; null while there is, or may be, one. */
  readonly problem: string | null;
}

export type OwnershipInput =
  /** The lock is this tab's. */
  | { readonly type: 'granted' }
  | { readonly type: 'opened' }
  | { readonly type: 'unopenable'; readonly message: string }
  | {
      readonly type: 'heard';
      readonly from: string;
      readonly opens: boolean;
      readonly sameVersion: boolean;
      readonly now: number;
    }
  | { readonly type: 'tick'; readonly now: number }
  /** Another tab stole the lock. */
  | { readonly type: 'robbed'; readonly now: number }
  | { readonly type: 'frozen' }
  | { readonly type: 'resumed'; readonly now: number }
  | { readonly type: 'closed' };

export type OwnershipEffect =
  /** Wait for the lock in the queue. */
  | 'ask'
  /** Leave the queue and take it from who has it. */
  | 'steal'
  | 'open'
  /** End the database's worker at once. */
  | 'end'
  /** Give the lock back, or leave the queue. */
  | 'release'
  | 'ping'
  /** Tell the others that this tab owns it. */
  | 'announce';

export interface OwnershipStep {
  readonly state: OwnershipState;
  readonly effects: readonly OwnershipEffect[];
}

export interface OwnershipTimes {
  readonly tickMs: number;
  /** Silence after which the owner is asked whether it is there. */
  readonly suspectMs: number;
  /** Silence after the question until its lock is stolen. */
  readonly stealMs: number;
}

export const OWNERSHIP_TIMES: OwnershipTimes = { tickMs: 500, suspectMs: 2000, stealMs: 2500 };

/** What a person, or a program, is told. */
export type Ownership =
  | { readonly type: 'opening' }
  | { readonly type: 'owner' }
  | { readonly type: 'follower' }
  | { readonly type: 'taking-over' }
  | {
      readonly type: 'unavailable';
      readonly reason: 'unopenable' | 'other-version' | 'closed';
      readonly message: string;
    };

export const beginOwnership = (now: number): OwnershipStep => ({
  state: {
    phase: 'asking',
    ownerId: null,
    ownerOpens: false,
    otherVersion: false,
    hadOwner: false,
    heardAt: now,
    pingedAt: null,
    tickedAt: now,
    problem: null,
  },
  effects: ['ask'],
});

const stay = (state: OwnershipState): OwnershipStep => ({ state, effects: [] });

const isWaiting = ({ phase }: OwnershipState): boolean => phase === 'asking' || phase === 'following';
const hasLock = ({ phase }: OwnershipState): boolean => phase === 'opening' || phase === 'owning';

const granted = (state: OwnershipState): OwnershipStep =>
  isWaiting(state) || state.phase === 'stealing'
    ? {
        state: { ...state, phase: 'opening', pingedAt: null, otherVersion: false, problem: null },
        effects: ['announce', 'open'],
      }
    : { state, effects: ['release'] };

const heard = (state: OwnershipState, input: Extract<OwnershipInput, { type: 'heard' }>): OwnershipStep =>
  isWaiting(state)
    ? stay({
        ...state,
        phase: 'following',
        ownerId: input.from,
        ownerOpens: input.opens,
        otherVersion: !input.sameVersion,
        hadOwner: true,
        heardAt: input.now,
        pingedAt: null,
      })
    : stay(state);

/** A tab whose own timers came late was asleep itself: it cannot say that the owner is silent. */
const sleptThrough = (state: OwnershipState, now: number, { tickMs, suspectMs }: OwnershipTimes): boolean =>
  now - state.tickedAt > tickMs + suspectMs;

const watch = (state: OwnershipState, now: number, times: OwnershipTimes): OwnershipStep => {
  if (sleptThrough(state, now, times)) return stay({ ...state, tickedAt: now, heardAt: now, pingedAt: null });
  const seen = { ...state, tickedAt: now };
  if (state.pingedAt === null) {
    return now - state.heardAt < times.suspectMs
      ? stay(seen)
      : { state: { ...seen, pingedAt: now }, effects: ['ping'] };
  }
  return now - state.pingedAt < times.stealMs
    ? stay(seen)
    : { state: { ...seen, phase: 'stealing', pingedAt: null }, effects: ['steal'] };
};

const tick = (state: OwnershipState, now: number, times: OwnershipTimes): OwnershipStep => {
  if (isWaiting(state)) return watch(state, now, times);
  return { state: { ...state, tickedAt: now }, effects: hasLock(state) ? ['announce'] : [] };
};

const askAgain = (state: OwnershipState, now: number): OwnershipState => ({
  ...state,
  phase: 'asking',
  ownerId: null,
  ownerOpens: false,
  heardAt: now,
  pingedAt: null,
  tickedAt: now,
});

const robbed = (state: OwnershipState, now: number): OwnershipStep =>
  hasLock(state) ? { state: askAgain({ ...state, hadOwner: true }, now), effects: ['end', 'ask'] } : stay(state);

const frozen = (state: OwnershipState): OwnershipStep =>
  state.phase === 'out'
    ? stay(state)
    : { state: { ...state, phase: 'frozen' }, effects: hasLock(state) ? ['end', 'release'] : ['release'] };

export const stepOwnership = (
  state: OwnershipState,
  input: OwnershipInput,
  times: OwnershipTimes = OWNERSHIP_TIMES,
): OwnershipStep => {
  switch (input.type) {
    case 'granted':
      return granted(state);
    case 'opened':
      return state.phase === 'opening' ? { state: { ...state, phase: 'owning' }, effects: ['announce'] } : stay(state);
    case 'unopenable':
      return state.phase === 'opening'
        ? { state: { ...state, phase: 'out', problem: input.message }, effects: ['end', 'release'] }
        : stay(state);
    case 'heard':
      return heard(state, input);
    case 'tick':
      return tick(state, input.now, times);
    case 'robbed':
      return robbed(state, input.now);
    case 'frozen':
      return frozen(state);
    case 'resumed':
      return state.phase === 'frozen' ? { state: askAgain(state, input.now), effects: ['ask'] } : stay(state);
    case 'closed':
      return { state: { ...state, phase: 'out' }, effects: hasLock(state) ? ['end', 'release'] : ['release'] };
  }
};

const OTHER_VERSION = 'another tab has another version of this page: load it anew there, or close it';

const following = (state: OwnershipState): Ownership => {
  if (state.otherVersion) return { type: 'unavailable', reason: 'other-version', message: OTHER_VERSION };
  return { type: state.ownerOpens || state.pingedAt !== null ? 'taking-over' : 'follower' };
};

export const ownershipOf = (state: OwnershipState): Ownership => {
  switch (state.phase) {
    case 'following':
      return following(state);
    case 'owning':
      return { type: 'owner' };
    case 'asking':
    case 'stealing':
    case 'opening':
    case 'frozen':
      return { type: state.hadOwner ? 'taking-over' : 'opening' };
    case 'out':
      return state.problem === null
        ? { type: 'unavailable', reason: 'closed', message: 'it was closed' }
        : { type: 'unavailable', reason: 'unopenable', message: state.problem };
  }
};

/** Why a data directory was not opened. */
export type StoreOpenReason = 'in-use' | 'unwritable' | 'newer-layout' | 'damaged' | 'not-built';

/** A store that cannot be opened. The message is one line that names cause and cure, fit for the terminal. */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError';
  readonly reason: StoreOpenReason;

  constructor(reason: StoreOpenReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A call whose answer has no failure of its own (reading, sealing) on a store that has failed or is closed. */
export class StoreFailedError extends Error {
  override readonly name = 'StoreFailedError';
}

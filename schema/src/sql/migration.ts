/** One step of the replica's shape. Its SQL runs in one transaction with the raised version. */
export interface Migration {
  /** 1, 2, 3 … without gaps. */
  readonly version: number;
  readonly name: string;
  /** Several statements, separated by semicolons. Never changed once released. */
  readonly sql: string;
}

// Where credentials are kept between processes.
import type { Kept } from './kept.js';

export interface Vault {
  /** Names of what is kept. */
  names(): Promise<string[]>;
  /** @throws StoreUnavailable if it cannot be read */
  read(name: string): Promise<Kept | undefined>;
  /**
   * Runs `work` while nobody else changes the credential, in no process on no machine.
   * @param work is given what is kept, and what keeps something else: once that resolves, it survives a crash. It may run
   * again from the start if the connection to the vault is lost
   * @throws StoreUnavailable
   */
  change<T>(
    name: string,
    work: (kept: Kept | undefined, keep: (kept: Kept) => Promise<void>) => Promise<T>,
  ): Promise<T>;
}

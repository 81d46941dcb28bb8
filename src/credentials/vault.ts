// Where credentials are kept between processes.
import type { Kept } from './kept.js';
import type { Unreadable } from './unreadable.js';

export interface Vault {
  /** Names of what is kept. */
  names(): Promise<string[]>;
  /** @throws Unreadable, StoreUnavailable */
  read(name: string): Promise<Kept | undefined>;
  /**
   * Runs `work` while nobody else changes the credential, in no process on no machine.
   * @param work is given what is kept, and what keeps something else, at most once: it survives a crash once `change` has
   * resolved. If the connection to the vault is lost, it runs again from the start
   * @param takeFor what something unreadable is taken for; left out, or if it throws: nothing is changed
   * @throws Unreadable, StoreUnavailable
   */
  change<T>(
    name: string,
    work: (kept: Kept | undefined, keep: (kept: Kept) => Promise<void>) => Promise<T>,
    takeFor?: (unreadable: Unreadable) => Kept,
  ): Promise<T>;
}

// A program that every `npm start` on one store uses: the first one starts it, the last one stops it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { end, isAlive } from './processes.js';
import { StartError } from './start-error.js';
import { inTurn } from './turns.js';

export interface Program {
  /** Its process. */
  pid: number;
}

export interface Sharing<P extends Program> {
  /** The file in which its users find it: JSON, what `begin` tells of it and the users' process ids. */
  note: string;
  begin: () => Promise<P>;
  /** Whether it answers: a process id may have gone to another program. */
  isUp: (program: P) => Promise<boolean>;
  /** Why a running one does not serve here, if so: a sentence. */
  misfit: (program: P) => string | undefined;
}

export type Shared<P extends Program> = P & {
  /** Stops it unless others use it. */
  stop(): Promise<void>;
};

type Note<P> = P & { users: number[] };

/** A note that was cut off while it was written is none. */
const readNote = <P>(file: string): Note<P> | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Note<P>;
  } catch {
    return undefined;
  }
};

/** Of a user that was killed nothing is left to wait for. */
const othersIn = (note: { users: number[] } | undefined): number[] =>
  (note?.users ?? []).filter((pid) => pid !== process.pid && isAlive(pid));

/** @throws StartError if others use one that does not serve here */
export const shareProgram = async <P extends Program>(sharing: Sharing<P>): Promise<Shared<P>> => {
  const { note: file, begin, isUp, misfit } = sharing;
  const lock = `${file}.lock`;

  const join = async (): Promise<P> => {
    const note = readNote<P>(file);
    const others = othersIn(note);
    const running = note && isAlive(note.pid) && (await isUp(note)) ? note : undefined;
    const fault = running && misfit(running);
    if (fault && others.length > 0)
      throw new StartError(
        `${fault} Wait until the npm start with process id ${others.join(', ')} has ended, or set STORE_URL to another place.`,
      );
    if (fault) await end(running.pid);
    const program = running && !fault ? running : await begin();
    writeFileSync(file, JSON.stringify({ ...program, users: [...others, process.pid] }));
    return program;
  };

  const leave = async (): Promise<void> => {
    const note = readNote<P>(file);
    if (!note) return;
    const others = othersIn(note);
    if (others.length > 0) return writeFileSync(file, JSON.stringify({ ...note, users: others }));
    await end(note.pid);
    rmSync(file, { force: true });
  };

  const program = await inTurn(lock, join);
  return { ...program, stop: () => inTurn(lock, leave) };
};

// Files are their user's alone: the store and its log, Temporal's state, logs, what is staged.

/** From now on this process and those that it starts make files of mode 600 in folders of 700; what exists keeps its mode. */
export const makeFilesPrivate = (): void => {
  process.umask(0o077);
};

// Durations and sizes as the terminal shows them.

/** `0:07`, `12:40`, `3:02:11`. */
export const duration = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (part: number): string => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

// Cheap deterministic numbers: every value of the simulator is a hash of where it stands, so nothing is stored.

/** Mixes two integers into one of 32 unsigned bits, all of which depend on both. */
export const mix = (a: number, b: number): number => {
  let h = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x27d4eb2f);
  return (h ^ (h >>> 15)) >>> 0;
};

export const hashText = (text: string, seed: number): number => {
  let h = mix(seed, text.length);
  for (let i = 0; i < text.length; i += 1) h = mix(h, text.charCodeAt(i));
  return h;
};

/** A number in [0, 1). */
export const fraction = (hash: number): number => hash / 4_294_967_296;

export const pick = <T>(choices: readonly T[], hash: number): T => choices[hash % choices.length]!;

/** Batches by wave, in the order of the waves; within one they keep theirs. */
export function groupByWave<T extends { wave: number }>(batches: T[]): [number, T[]][] {
  const waves = new Map<number, T[]>();
  for (const batch of batches) waves.set(batch.wave, [...(waves.get(batch.wave) ?? []), batch]);
  return [...waves].sort(([a], [b]) => a - b);
}

export const waveName = (wave: number): string => (wave === 0 ? 'Root' : `Wave ${wave}`);

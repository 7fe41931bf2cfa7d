/** A time axis from 0 to `end` milliseconds with round ticks. */
export interface Scale {
  end: number;
  step: number;
  ticks: number[];
}

const MOST_TICKS = 5;
const ROUND = [1, 2, 5, 10];

export function makeScale(end: number): Scale {
  const rough = Math.max(end, 0.001) / MOST_TICKS;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * (ROUND.find((factor) => factor * magnitude >= rough) ?? 10);
  const ticks = Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step);
  return { end: Math.max(end, 0.001), step, ticks };
}

export const share = (scale: Scale, milliseconds: number): number =>
  Math.min(100, Math.max(0, (milliseconds / scale.end) * 100));

/** "0", "0.5", "10": a tick's number, without noise from adding floats. */
export const tickLabel = (tick: number): string => String(Number(tick.toPrecision(6)));

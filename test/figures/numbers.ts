const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);

export const quantile = (values: readonly number[], q: number): number =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** `median 61 ms, p95 92 ms of 50`. */
export const spread = (values: readonly number[]): string =>
  `median ${Math.round(median(values))} ms, p95 ${Math.round(quantile(values, 0.95))} ms of ${values.length}`;

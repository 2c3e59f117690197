export type MedianDifference = {
  names: readonly [string, string];
  medians: readonly [number, number];
  /** The second median less the first. */
  difference: number;
  /** Where it lies with 95 %, by bootstrap over the rounds. */
  interval: readonly [number, number];
};

const RESAMPLES = 1_000;

/** How far the medians of each two series lie apart. Each round has one sample of every series, and is drawn as a whole. */
export function medianDifferences(series: ReadonlyMap<string, Float64Array>): MedianDifference[] {
  const names = [...series.keys()];
  const all = [...series.values()];
  const medians = all.map((samples) => medianOf(samples.slice()));
  const resampled = Array.from({ length: RESAMPLES }, () => resampledMedians(all));
  return pairsOf(names.length).map(([a, b]) => {
    const differences = Float64Array.from(resampled, (drawn) => at(drawn, b) - at(drawn, a)).toSorted();
    return {
      names: [names[a] ?? "", names[b] ?? ""],
      medians: [at(medians, a), at(medians, b)],
      difference: at(medians, b) - at(medians, a),
      interval: [at(differences, Math.floor(RESAMPLES * 0.025)), at(differences, Math.ceil(RESAMPLES * 0.975) - 1)],
    };
  });
}

function resampledMedians(all: readonly Float64Array[]): number[] {
  const rounds = all[0]?.length ?? 0;
  const drawn = Uint32Array.from({ length: rounds }, () => Math.floor(Math.random() * rounds));
  return all.map((samples) => medianOf(Float64Array.from(drawn, (round) => at(samples, round))));
}

/** Sorts what it is given. */
function medianOf(samples: Float64Array): number {
  samples.sort();
  const middle = samples.length >> 1;
  return samples.length % 2 === 1 ? at(samples, middle) : (at(samples, middle - 1) + at(samples, middle)) / 2;
}

function pairsOf(count: number): [number, number][] {
  const indices = Array.from({ length: count }, (_, index) => index);
  return indices.flatMap((a) => indices.slice(a + 1).map((b): [number, number] => [a, b]));
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}

/** Metrics as workers tell them to the first process, which adds them up. */
import { z } from "zod";

const described = {
  name: z.string().max(255),
  unit: z.string().max(63),
  help: z.string().max(1_023),
};
const labels = z.record(z.string().max(255), z.string().max(4_095));
const numberPoints = z.array(z.strictObject({ labels, value: z.number() }));
const histogramPoints = z.array(
  z.strictObject({ labels, count: z.number(), sum: z.number(), counts: z.array(z.number()) }),
);

export const toldMetrics = z.array(
  z.discriminatedUnion("kind", [
    z.strictObject({ ...described, kind: z.literal(["counter", "gauge"]), points: numberPoints }),
    z.strictObject({
      ...described,
      kind: z.literal("histogram"),
      bounds: z.array(z.number()),
      points: histogramPoints,
    }),
  ]),
);

export type ToldMetrics = z.infer<typeof toldMetrics>;

import { z } from 'zod';

/** Whole number, also as decimal text, since `${VAR}` always expands to text. */
export const integer = (min: number, max: number): z.ZodType<number> =>
  z
    .union(
      [
        z.int(),
        z
          .string()
          .regex(/^\d{1,15}$/, 'expected a whole number')
          .transform(Number),
      ],
      {
        error: 'expected a whole number',
      },
    )
    .refine((value) => value >= min && value <= max, { error: `expected ${min}..${max}` });

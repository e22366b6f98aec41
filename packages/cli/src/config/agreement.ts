import { z } from 'zod';
import { integer } from './integer.ts';
import type { AgreementEntry } from './types.ts';

export const rpcUrl: z.ZodType<string> = z
  .string()
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
    error: 'expected an http:// or https:// URL',
  });

const MAX_ENDPOINTS = 16;

/** Keys of {@link AgreementEntry}, which chains of every kind have. */
export const agreementShape: {
  readonly moreRpcUrls: z.ZodType<AgreementEntry['moreRpcUrls']>;
  readonly rpcQuorum: z.ZodType<AgreementEntry['rpcQuorum']>;
} = {
  moreRpcUrls: z
    .array(rpcUrl)
    .min(1)
    .max(MAX_ENDPOINTS - 1)
    .optional(),
  rpcQuorum: integer(1, MAX_ENDPOINTS).optional(),
};

/** The smallest number that is more than half. */
export const majorityOf = (count: number): number => Math.floor(count / 2) + 1;

/** All RPC endpoints of a chain, and how many of them must agree. */
export const agreementOf = ({
  rpcUrl: first,
  moreRpcUrls = [],
  rpcQuorum,
}: AgreementEntry & { readonly rpcUrl: string }): {
  readonly rpcUrls: readonly string[];
  readonly required: number;
} => {
  const rpcUrls = [first, ...moreRpcUrls];
  return { rpcUrls, required: rpcQuorum ?? majorityOf(rpcUrls.length) };
};

import { type ChainReader, createAgreeingReader } from '@interchain-attestation/chains';

/** One reader over these, which must agree by majority; the only one as it is. */
export const throughEndpoints = (readers: readonly ChainReader[]): ChainReader => {
  const [first] = readers;
  return first !== undefined && readers.length === 1
    ? first
    : createAgreeingReader(readers, { required: Math.floor(readers.length / 2) + 1 });
};

import type { GuardStatement, StatementBlock, StatementEntry } from '@interchain-attestation/guard';
import fc from 'fast-check';
import { commitment, hash } from './fixture.ts';

/** Few values, so that statements meet: the edges of uint64 and of SQLite's signed integers among them. */
export const BASES: readonly bigint[] = [1n, 2n ** 63n - 3n, 2n ** 64n - 12n];

const HEIGHTS = 6;
const blockHash = (height: bigint, fork: number) => hash((height * 4n + BigInt(fork)) % 2n ** 256n);

/** Mostly one chain; now and then a block of a fork, or one whose time does not fit. */
const block = (base: bigint): fc.Arbitrary<StatementBlock> =>
  fc
    .record({
      offset: fc.integer({ min: 0, max: HEIGHTS - 1 }),
      fork: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1),
      delay: fc.constantFrom(0, 0, 0, 0, 0, 0, 3),
    })
    .map(({ offset, fork, delay }) => {
      const height = base + BigInt(offset);
      const parentHash = blockHash(height - 1n, fork);
      // A time of its own has a hash of its own: the parent is the same for all blocks of one hash.
      const hashOf = delay === 0 ? blockHash(height, fork) : blockHash(height, fork + 2);
      return { height, hash: hashOf, parentHash, timestampSec: base + BigInt(offset + delay) };
    });

/** Half of the packets time out early. */
const trueTimeoutOf = (base: bigint, sequence: bigint): bigint => base + (sequence < 2n ** 63n ? 2n : 4n);

const entry = (base: bigint, isTruthful: boolean): fc.Arbitrary<StatementEntry> =>
  fc
    .record({
      kind: fc.constantFrom('packet', 'receipt', 'receipt', 'acknowledgement'),
      clientId: fc.constantFrom('client-0', 'client-1'),
      sequence: fc.constantFrom(0n, 2n ** 64n - 1n),
      value: fc.constantFrom(1, 1, 1, 1, 1, 1, 2),
      isAbsent: fc.boolean(),
      timeout: fc.constantFrom(2n, 4n),
      isProven: fc.boolean(),
    })
    .map(({ kind, clientId, sequence, value, isAbsent, timeout, isProven }) => {
      const trueTimeout = trueTimeoutOf(base, sequence);
      return {
        path: { kind, clientId, sequence },
        commitment: isAbsent && (kind === 'receipt' || value === 2) ? undefined : commitment(value),
        timeoutTimestampSec: isTruthful && isProven ? trueTimeout : base + timeout,
        timeoutProven: isProven,
      } as StatementEntry;
    });

/** Many entries of one kind, recorded at once where none was stated before; some sequences come twice. */
const manyAlike = (base: bigint, isTruthful: boolean): fc.Arbitrary<StatementEntry[]> =>
  fc.tuple(entry(base, isTruthful), fc.array(fc.nat(30), { minLength: 3, maxLength: 45 })).map(([first, sequences]) =>
    sequences.map((n) => ({
      ...first,
      path: { ...first.path, sequence: first.path.sequence === 0n ? BigInt(n) : first.path.sequence - BigInt(n) },
    })),
  );

/** @param isTruthful a proven timeout is always the packet's own, as an attestor guarantees */
export const statement = (base: bigint, isTruthful: boolean): fc.Arbitrary<GuardStatement> =>
  fc.oneof(
    block(base).map((of): GuardStatement => ({ kind: 'state', block: of })),
    fc
      .record({ block: block(base), entries: fc.array(entry(base, isTruthful), { minLength: 1, maxLength: 3 }) })
      .map((of): GuardStatement => ({ kind: 'packets', ...of })),
    fc
      .record({ block: block(base), entries: manyAlike(base, isTruthful) })
      .map((of): GuardStatement => ({ kind: 'packets', ...of })),
  );

/** What may happen to a guard. */
export type Step =
  | { readonly do: 'record'; readonly statements: readonly GuardStatement[] }
  | { readonly do: 'reopen' | 'move' }
  | { readonly do: 'clear'; readonly putAside: bigint | undefined };

export const step = (base: bigint, isTruthful: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .array(statement(base, isTruthful), { minLength: 1, maxLength: 4 })
        .map((statements): Step => ({ do: 'record', statements })),
    },
    { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'reopen' }, { do: 'move' }) },
    {
      weight: 4,
      arbitrary: fc
        .option(fc.integer({ min: 0, max: HEIGHTS - 1 }), { nil: undefined, freq: 2 })
        .map((offset): Step => ({ do: 'clear', putAside: offset === undefined ? undefined : base + BigInt(offset) })),
    },
  );

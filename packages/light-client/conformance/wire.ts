// Compares what two chains must compute alike: packet and acknowledgement commitments, paths, signing digests and ICS-20
// encodings of ibc-go (through the oracle), of the contracts (on anvil) and of `core`.
import { parseArgs } from 'node:util';
import { goProgram, startOracle } from '@interchain-attestation/go-tools';
import { startAnvil } from './solidity/anvil.ts';
import { compareWithGo } from './wire/go.ts';
import { compareWithSolidity } from './wire/solidity-cases.ts';

/** `npm run conformance -- wire [--cases N] [--seed S]`: N cases against ibc-go, and a packet for every five of them. */
export async function run(args: string[]): Promise<{ passed: number; failed: number }> {
  const { values } = parseArgs({
    args,
    options: { cases: { type: 'string', default: '5000' }, seed: { type: 'string', default: '1' } },
  });
  const count = Number(values.cases);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError('--cases takes a whole number');
  const program = await goProgram('ibc-go-oracle');
  if ('missing' in program) throw new Error(`ibc-go cannot be asked: ${program.missing}`);
  const oracle = startOracle(program.path);
  const anvil = await startAnvil();
  try {
    const packets = Math.ceil(count / 5);
    const differences = [
      ...(await compareWithGo(oracle, values.seed, count)),
      ...(await compareWithSolidity(anvil, values.seed, packets)),
    ];
    for (const difference of differences.slice(0, 20)) console.error(difference);
    return { passed: Math.max(0, count + packets - differences.length), failed: differences.length };
  } finally {
    await Promise.all([oracle.close(), anvil.stop()]);
  }
}

import { DeployError } from '../errors.ts';
import { type DeployChain, reach } from './connect.ts';

/**
 * Init code that stores 42 in transient storage (TSTORE), copies memory (MCOPY), and returns what it reads back.
 * PUSH0 comes along. A chain without one of them stops at an invalid opcode.
 */
const PROBE = '0x602a5f5d5f5c5f5260205f60205e60206020f3';
const EXPECTED = `0x${'2a'.padStart(64, '0')}`;

/**
 * Asks the chain whether it runs what the contracts need: transient storage (EIP-1153), MCOPY (EIP-5656) and PUSH0.
 * Costs one call and no gas.
 * @throws DeployError `deploy/chain-unsupported`, `deploy/unavailable`
 */
export const probeChain = async (chain: DeployChain): Promise<void> => {
  let answer: unknown;
  try {
    answer = await chain.client.request({ method: 'eth_call', params: [{ data: PROBE, from: chain.from }, 'latest'] });
  } catch (cause) {
    // Told apart from an outage by asking something that every chain answers.
    await reach(chain.name, () => chain.client.getBlockNumber({ cacheTime: 0 }));
    throw unsupported(chain, cause);
  }
  if (answer !== EXPECTED) throw unsupported(chain);
};

const unsupported = (chain: DeployChain, cause?: unknown): DeployError =>
  new DeployError(
    'deploy/chain-unsupported',
    `${chain.name} does not run what the contracts need: transient storage (EIP-1153), MCOPY and PUSH0 (Cancun)`,
    { cause, meta: { chain: chain.name } },
  );

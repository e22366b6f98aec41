// Deploys everything to one chain, and kills itself with SIGKILL at the first transaction: before it is sent
// (`before`), once the chain has it (`after`), or never (`never`). argv: rpcUrl directory when.
import { createMemorySigner } from '@interchain-attestation/chains';
import { createAttestorSet, privateKeyToAddress } from '@interchain-attestation/core';
import { createDeployer } from '../../src/index.ts';
import { ANVIL_KEY } from './anvil.ts';

const [rpcUrl = '', directory = '', when = 'never'] = process.argv.slice(2);
const realFetch = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const body = init?.body ?? (input instanceof Request ? await input.clone().text() : '');
  const isSend = String(body).includes('eth_sendRawTransaction');
  if (isSend && when === 'before') process.kill(process.pid, 'SIGKILL');
  const response = await realFetch(input, init);
  if (isSend && when === 'after') process.kill(process.pid, 'SIGKILL');
  return response;
};

const deployer = createDeployer({
  chain: { name: 'alpha', chainId: 31337, rpcUrl },
  who: createMemorySigner(ANVIL_KEY),
  directory,
});
const addresses = [1, 2, 3].map((index) => privateKeyToAddress(new Uint8Array(32).fill(index)));
await deployer.core({ relayers: addresses });
await deployer.transfer();
await deployer.client({
  clientId: 'attest-beta',
  counterpartyClientId: 'attest-alpha',
  set: createAttestorSet(addresses, 2),
  allowMinorityQuorum: false,
  allowSingleAttestor: false,
  initialState: async () => ({ height: 5n, timestampSec: 1_700_000_000n, from: 'attestors' }),
});

import {
  accessManagerArtifact,
  attestationLightClientArtifact,
  erc1967ProxyArtifact,
  ics26RouterAbi,
  ics26RouterArtifact,
  minimalAppArtifact,
  roleIds,
  roleRules,
} from '@interchain-attestation/contracts';
import type { Address, Hex } from '@interchain-attestation/core';
import { type Abi, encodeDeployData, encodeFunctionData, parseAbi, zeroAddress } from 'viem';
import type { Anvil } from './anvil.ts';

/** A node that contracts can be deployed to: its deployer's key is the node's. */
export interface FixtureNode {
  readonly deployer: Address;
  /** One block with exactly this transaction, there when this returns. */
  include(to: Address | null, data: Hex): Promise<{ readonly hash: Hex; readonly receipt: Receipt }>;
}

/** First account of anvil's well-known mnemonic: worthless outside of tests. */
export const DEPLOYER_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
export const DEPLOYER: Address = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
/** Second account. */
export const RELAYER_KEY = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d';

/** What a test needs of a deployed core. */
export interface Deployment {
  readonly router: Address;
  readonly implementation: Address;
  readonly app: Address;
  readonly port: string;
  /** Client `client-0` with counterparty `client-7`. */
  readonly clientId: string;
  readonly client: Address;
  readonly attestors: readonly Address[];
  /** Sends a packet with this payload value through the app; the hash of its transaction. */
  sendPacket(value: Hex, timeoutSec: bigint): Promise<Hex>;
  /** Includes a transaction that fails. */
  fail(): Promise<Hex>;
  /** Sends a transaction of the deployer and mines it. */
  send(to: Address | null, data: Hex): Promise<{ readonly hash: Hex; readonly contract: Address }>;
}

export interface Receipt {
  readonly status: Hex;
  readonly contractAddress: Address;
}

const managerAbi: Abi = parseAbi(['function setTargetFunctionRole(address target, bytes4[] selectors, uint64 role)']);

const anvilNode = (anvil: Anvil): FixtureNode => ({
  deployer: DEPLOYER,
  async include(to, data) {
    // Mining on demand is not awaited by anvil.
    const automine = await anvil.rpc<boolean>('anvil_getAutomine');
    await anvil.rpc('evm_setAutomine', [false]);
    const target = to === null ? {} : { to };
    const hash = await anvil.rpc<Hex>('eth_sendTransaction', [{ from: DEPLOYER, data, gas: '0x1000000', ...target }]);
    await anvil.rpc('evm_mine');
    const receipt = await anvil.rpc<Receipt | null>('eth_getTransactionReceipt', [hash]);
    if (automine) await anvil.rpc('evm_setAutomine', [true]);
    if (receipt === null) throw new Error(`transaction ${hash} of the fixture was not mined`);
    return { hash, receipt };
  },
});

export const deployIbc = (anvil: Anvil): Promise<Deployment> => deployIbcOn(anvilNode(anvil));

export const deployIbcOn = async ({ deployer, include }: FixtureNode): Promise<Deployment> => {
  const send: Deployment['send'] = async (to, data) => {
    const { hash, receipt } = await include(to, data);
    if (receipt.status !== '0x1') throw new Error(`transaction ${hash} of the fixture failed`);
    return { hash, contract: receipt.contractAddress };
  };
  const deploy = async (artifact: { abi: Abi; bytecode: Hex }, args: readonly unknown[]): Promise<Address> =>
    (await send(null, encodeDeployData({ ...artifact, args } as never))).contract;
  const router = ics26RouterAbi as Abi;

  const manager = await deploy(accessManagerArtifact as never, [deployer]);
  const implementation = await deploy(ics26RouterArtifact as never, []);
  const initialize = encodeFunctionData({ abi: router, functionName: 'initialize', args: [manager] });
  const proxy = await deploy(erc1967ProxyArtifact as never, [implementation, initialize]);
  for (const rule of roleRules.filter(({ target }) => target === 'ics26Router')) {
    const args = [proxy, rule.selectors, roleIds.public];
    await send(manager, encodeFunctionData({ abi: managerAbi, functionName: 'setTargetFunctionRole', args }));
  }
  const attestors: Address[] = [
    '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
  ];
  const client = await deploy(attestationLightClientArtifact as never, [attestors, 2, 5n, 1_700_000_000n, zeroAddress]);
  const app = await deploy(minimalAppArtifact as never, []);
  const addClient = encodeFunctionData({
    abi: router,
    functionName: 'addClient',
    args: [{ clientId: 'client-7', merklePrefix: ['0x'] }, client],
  });
  await send(proxy, addClient);
  const port = 'minimal';
  await send(proxy, encodeFunctionData({ abi: router, functionName: 'addIBCApp', args: [port, app] }));

  return {
    router: proxy,
    implementation,
    app,
    port,
    clientId: 'client-0',
    client,
    attestors,
    send,
    fail: async () => (await include(proxy, '0xffffffff')).hash,
    async sendPacket(value, timeoutSec) {
      const payload = { sourcePort: port, destPort: port, version: 'v1', encoding: 'raw', value };
      const args = [proxy, { sourceClient: 'client-0', timeoutTimestamp: timeoutSec, payload }];
      const data = encodeFunctionData({ abi: minimalAppArtifact.abi as Abi, functionName: 'send', args });
      return (await send(app, data)).hash;
    },
  };
};

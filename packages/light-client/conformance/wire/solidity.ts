import {
  accessManagerArtifact,
  attestationLightClientArtifact,
  erc1967ProxyArtifact,
  escrowArtifact,
  ibcErc20Artifact,
  ics20TransferArtifact,
  ics26RouterArtifact,
  minimalAppArtifact,
  testErc20Artifact,
} from '@interchain-attestation/contracts';
import type { Hex } from '@interchain-attestation/core';
import { type Abi, encodeDeployData, encodeFunctionData } from 'viem';
import { keyAt } from '../generate/signatures.ts';
import { ANVIL_ACCOUNT, type Anvil } from '../solidity/anvil.ts';
import { PROBER, PROBER_CODE, type ProbedCall } from '../solidity/prober.ts';

const NOBODY: Hex = '0x0000000000000000000000000000000000000000';

/** Height that every proof is for. */
export const PROOF_HEIGHT = 100n;
/** Our end of the two links of the chain. */
export const CLIENTS: readonly { readonly id: string; readonly counterparty: string }[] = [
  { id: 'first.link', counterparty: 'attestations-0' },
  { id: 'second-link_2', counterparty: '08-wasm-1234567890' },
];
/** Ports of the app that sends what it is told and acknowledges with 01. */
export const PORTS: readonly string[] = ['minimal', 'another+port', 'x'.repeat(70)];

/** Router, transfer app and an app that sends anything, and the calls that connect them. */
export interface WireChain {
  readonly router: Hex;
  readonly lightClient: Hex;
  readonly transfer: Hex;
  readonly app: Hex;
  readonly token: Hex;
  /** To be made first in every transaction: the caller is admin of all of it. */
  readonly setup: readonly ProbedCall[];
}

interface Contract {
  readonly abi: Abi;
  readonly bytecode: Hex;
}

const deploy = async (anvil: Anvil, { abi, bytecode }: Contract, args: readonly unknown[] = []): Promise<Hex> => {
  const receipt = (await anvil.request('eth_sendTransactionSync', {
    from: ANVIL_ACCOUNT,
    gas: '0x1c9c380',
    data: encodeDeployData({ abi, bytecode, args: [...args] }),
  })) as { status: Hex; contractAddress: Hex };
  if (receipt.status !== '0x1') throw new Error('a contract was not deployed');
  return receipt.contractAddress;
};

/** Calldata of a function of one of the contracts. */
export const callData = (abi: Abi, functionName: string, args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi, functionName, args: [...args] });

/** Deploys the contracts as they are shipped; the prober is their admin and the one who sends. */
export const deployWireChain = async (anvil: Anvil): Promise<WireChain> => {
  await anvil.request('anvil_setCode', PROBER, PROBER_CODE);
  const manager = await deploy(anvil, accessManagerArtifact, [PROBER]);
  const proxied = async (logic: Contract, args: readonly unknown[]): Promise<Hex> =>
    await deploy(anvil, erc1967ProxyArtifact, [await deploy(anvil, logic), callData(logic.abi, 'initialize', args)]);
  const router = await proxied(ics26RouterArtifact, [manager]);
  const escrow = await deploy(anvil, escrowArtifact);
  const ibcErc20 = await deploy(anvil, ibcErc20Artifact);
  const transfer = await proxied(ics20TransferArtifact, [router, escrow, ibcErc20, NOBODY, manager]);
  const client = await deploy(anvil, attestationLightClientArtifact, [[keyAt(0).address], 1, PROOF_HEIGHT, 1n, NOBODY]);
  const app = await deploy(anvil, minimalAppArtifact);
  const token = await deploy(anvil, testErc20Artifact, ['Token', 'TOK']);
  const { abi } = ics26RouterArtifact;
  const toRouter = (functionName: string, args: readonly unknown[]): ProbedCall => ({
    target: router,
    data: callData(abi, functionName, args),
  });
  const toToken = (functionName: string, args: readonly unknown[]): ProbedCall => ({
    target: token,
    data: callData(testErc20Artifact.abi, functionName, args),
  });
  return {
    router,
    lightClient: client,
    transfer,
    app,
    token,
    setup: [
      toRouter('addIBCApp', ['transfer', transfer]),
      ...PORTS.map((port) => toRouter('addIBCApp', [port, app])),
      ...CLIENTS.map(({ id, counterparty }) =>
        toRouter('addClient', [id, { clientId: counterparty, merklePrefix: ['0x'] }, client]),
      ),
      toToken('mint', [PROBER, (1n << 256n) - 1n]),
      toToken('approve', [transfer, (1n << 256n) - 1n]),
    ],
  };
};

import { type Address, type Hex, parseAddress } from '@interchain-attestation/core';
import { z } from 'zod';

/** A contract that was deployed. */
export interface DeployedContract {
  readonly address: Address;
  readonly txHash: Hex;
  readonly blockNumber: string;
  /** keccak256 of the code on chain. */
  readonly codeHash: Hex;
}

/** A transaction that was signed, and whose end is not known yet. It was written down before it was sent. */
export interface PendingTransaction {
  readonly step: string;
  readonly hash: Hex;
  readonly nonce: number;
  readonly from: Address;
  /** The signed transaction: sending it again can do nothing that sending it once does not. */
  readonly raw: Hex;
}

/** An attestation light client and the router's entry for it. */
export interface DeployedClient extends DeployedContract {
  readonly clientId: string;
  readonly counterpartyClientId: string;
  readonly attestors: readonly Address[];
  readonly quorum: number;
  readonly initialHeight: string;
  readonly initialTimestampSec: string;
  /** Who vouched for the initial state: `attestors` (a quorum signed it) or `operator`. */
  readonly initialStateFrom: 'attestors' | 'operator';
  /** Transaction that registered it in the router; absent until then. */
  readonly registeredTx?: Hex | undefined;
}

export type ContractName =
  | 'accessManager'
  | 'ics26RouterImplementation'
  | 'ics26Router'
  | 'escrowImplementation'
  | 'ibcErc20Implementation'
  | 'ics20TransferImplementation'
  | 'ics20Transfer';

/** Everything that was deployed to one chain. */
export interface Manifest {
  readonly version: 1;
  /** Decimal. */
  readonly chainId: string;
  readonly genesisHash: Hex;
  readonly contracts: Readonly<Partial<Record<ContractName, DeployedContract>>>;
  readonly clients: Readonly<Record<string, DeployedClient>>;
  readonly pending?: PendingTransaction | undefined;
}

const hex = z.string().regex(/^0x[0-9a-f]*$/) as z.ZodType<string> as z.ZodType<Hex>;
const decimal = z.string().regex(/^\d+$/);
const address = z.string().transform((text, context): Address => {
  try {
    return parseAddress(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const contract = z.strictObject({ address, txHash: hex, blockNumber: decimal, codeHash: hex });
const client = z.strictObject({
  ...contract.shape,
  clientId: z.string(),
  counterpartyClientId: z.string(),
  attestors: z.array(address),
  quorum: z.int(),
  initialHeight: decimal,
  initialTimestampSec: decimal,
  initialStateFrom: z.enum(['attestors', 'operator']),
  registeredTx: hex.optional(),
});
const pending = z.strictObject({ step: z.string(), hash: hex, nonce: z.int(), from: address, raw: hex });

export const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  version: z.literal(1),
  chainId: decimal,
  genesisHash: hex,
  contracts: z.strictObject({
    accessManager: contract.optional(),
    ics26RouterImplementation: contract.optional(),
    ics26Router: contract.optional(),
    escrowImplementation: contract.optional(),
    ibcErc20Implementation: contract.optional(),
    ics20TransferImplementation: contract.optional(),
    ics20Transfer: contract.optional(),
  }) as z.ZodType<Manifest['contracts']>,
  clients: z.record(z.string(), client),
  pending: pending.optional(),
});

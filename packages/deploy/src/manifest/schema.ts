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
  /** What the step wants to know when it is taken up again. */
  readonly note?: string | undefined;
  /** Signed earlier and never known to the chain. Only one of all these can be mined where they share a nonce. */
  readonly supersedes?: readonly SignedStep[] | undefined;
}

/** A transaction of a step, by its hash. */
export interface SignedStep {
  readonly step: string;
  readonly hash: Hex;
  readonly note?: string | undefined;
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

/** Everything that was deployed to one EVM chain. */
export interface Manifest {
  readonly version: 1;
  readonly kind?: 'evm' | undefined;
  /** Decimal. */
  readonly chainId: string;
  readonly genesisHash: Hex;
  readonly contracts: Readonly<Partial<Record<ContractName, DeployedContract>>>;
  readonly clients: Readonly<Record<string, DeployedClient>>;
  readonly pending?: PendingTransaction | undefined;
  /** Contracts that were created and that no field above holds yet: the run that sent them ended before. */
  readonly unclaimed?: readonly SignedStep[] | undefined;
}

/** An attestation light client on a Cosmos chain. */
export interface DeployedCosmosClient {
  /** Assigned by the chain: `attestations-N`. */
  readonly clientId: string;
  readonly attestors: readonly Address[];
  readonly quorum: number;
  /** How it was created; absent for a client that was there before, and is used as it is. */
  readonly created?: CosmosClientCreation | undefined;
  readonly counterpartyClientId?: string | undefined;
  /** Transaction that named the counterparty; absent until then, and where another one did. */
  readonly registeredTx?: Hex | undefined;
}

export interface CosmosClientCreation {
  /** Bech32 account that may name the counterparty. */
  readonly creator: string;
  /** No packet of the client is older than this block. */
  readonly height: string;
  readonly initialHeight: string;
  readonly initialTimestampSec: string;
  readonly initialStateFrom: 'attestors' | 'operator';
  /** Absent when the run that sent it was ended before it knew. */
  readonly txHash?: Hex | undefined;
}

/** A MsgCreateClient that may have been sent, and whose end is not known yet. It was written down before it was sent. */
export interface PendingCosmosClient {
  readonly connection: string;
  readonly attestors: readonly Address[];
  readonly quorum: number;
  readonly created: CosmosClientCreation;
  /** Block after which the transaction can no longer be included. */
  readonly timeoutHeight: string;
}

/** Everything that was deployed to one Cosmos chain. */
export interface CosmosManifest {
  readonly version: 1;
  readonly kind: 'cosmos';
  readonly chainId: string;
  readonly genesisHash: Hex;
  /** By name of the connection, since ids are not known beforehand. */
  readonly clients: Readonly<Record<string, DeployedCosmosClient>>;
  readonly pending?: PendingCosmosClient | undefined;
}

export type AnyManifest = Manifest | CosmosManifest;

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
const signedStep = z.strictObject({ step: z.string(), hash: hex, note: z.string().optional() });
const pending = z.strictObject({
  ...signedStep.shape,
  nonce: z.int(),
  from: address,
  raw: hex,
  supersedes: z.array(signedStep).optional(),
});

const creation = z.strictObject({
  creator: z.string(),
  height: decimal,
  initialHeight: decimal,
  initialTimestampSec: decimal,
  initialStateFrom: z.enum(['attestors', 'operator']),
  txHash: hex.optional(),
});
const cosmosClient = z.strictObject({
  clientId: z.string(),
  attestors: z.array(address),
  quorum: z.int(),
  created: creation.optional(),
  counterpartyClientId: z.string().optional(),
  registeredTx: hex.optional(),
});
const cosmosManifest: z.ZodType<CosmosManifest> = z.strictObject({
  version: z.literal(1),
  kind: z.literal('cosmos'),
  chainId: z.string(),
  genesisHash: hex,
  clients: z.record(z.string(), cosmosClient),
  pending: z
    .strictObject({
      connection: z.string(),
      attestors: z.array(address),
      quorum: z.int(),
      created: creation,
      timeoutHeight: decimal,
    })
    .optional(),
});

const evmManifest: z.ZodType<Manifest> = z.strictObject({
  version: z.literal(1),
  kind: z.literal('evm').optional(),
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
  unclaimed: z.array(signedStep).optional(),
});

export const manifestSchema: z.ZodType<AnyManifest> = z.union([cosmosManifest, evmManifest]);

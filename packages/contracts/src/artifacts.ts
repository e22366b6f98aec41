import { accessManagerAbi, accessManagerBytecode } from './generated/access-manager.ts';
import { attestationLightClientAbi, attestationLightClientBytecode } from './generated/attestation-light-client.ts';
import { erc1967ProxyAbi, erc1967ProxyBytecode } from './generated/erc1967-proxy.ts';
import { escrowAbi, escrowBytecode } from './generated/escrow.ts';
import { gasProbeAbi, gasProbeBytecode } from './generated/gas-probe.ts';
import { ibcErc20Abi, ibcErc20Bytecode } from './generated/ibc-erc20.ts';
import { ics20TransferAbi, ics20TransferBytecode } from './generated/ics20-transfer.ts';
import { ics26RouterAbi, ics26RouterBytecode } from './generated/ics26-router.ts';
import { minimalAppAbi, minimalAppBytecode } from './generated/minimal-app.ts';
import { testErc20Abi, testErc20Bytecode } from './generated/test-erc20.ts';

/** What it takes to deploy a contract: its ABI as a literal, and its creation bytecode without arguments. */
export interface Artifact<Abi> {
  readonly abi: Abi;
  readonly bytecode: `0x${string}`;
}

/** The light client. Not behind a proxy; constructor: see the README. */
export const attestationLightClientArtifact: Artifact<typeof attestationLightClientAbi> = {
  abi: attestationLightClientAbi,
  bytecode: attestationLightClientBytecode,
};

/** Implementation of the router; deploy `erc1967ProxyArtifact` over it with `initialize(authority)`. */
export const ics26RouterArtifact: Artifact<typeof ics26RouterAbi> = {
  abi: ics26RouterAbi,
  bytecode: ics26RouterBytecode,
};

/** Implementation of the transfer app; deploy `erc1967ProxyArtifact` over it with `initialize(...)`. */
export const ics20TransferArtifact: Artifact<typeof ics20TransferAbi> = {
  abi: ics20TransferAbi,
  bytecode: ics20TransferBytecode,
};

/** Implementation of the escrows; the transfer app makes the beacon and the proxies. */
export const escrowArtifact: Artifact<typeof escrowAbi> = { abi: escrowAbi, bytecode: escrowBytecode };

/** Implementation of received tokens; the transfer app makes the beacon and the proxies. */
export const ibcErc20Artifact: Artifact<typeof ibcErc20Abi> = { abi: ibcErc20Abi, bytecode: ibcErc20Bytecode };

/** OpenZeppelin's AccessManager; constructor(initialAdmin). */
export const accessManagerArtifact: Artifact<typeof accessManagerAbi> = {
  abi: accessManagerAbi,
  bytecode: accessManagerBytecode,
};

/** OpenZeppelin's ERC1967Proxy; constructor(implementation, initializer calldata). */
export const erc1967ProxyArtifact: Artifact<typeof erc1967ProxyAbi> = {
  abi: erc1967ProxyAbi,
  bytecode: erc1967ProxyBytecode,
};

/** A token that anybody may mint, for development chains; constructor(name, symbol). */
export const testErc20Artifact: Artifact<typeof testErc20Abi> = { abi: testErc20Abi, bytecode: testErc20Bytecode };

/** An app that acknowledges everything with one byte, for gas measurements. */
export const minimalAppArtifact: Artifact<typeof minimalAppAbi> = {
  abi: minimalAppAbi,
  bytecode: minimalAppBytecode,
};

/** Measures calls to a light client that it constructs itself; see `bench/gas.ts`. */
export const gasProbeArtifact: Artifact<typeof gasProbeAbi> = { abi: gasProbeAbi, bytecode: gasProbeBytecode };

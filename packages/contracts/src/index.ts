export type { Artifact } from './artifacts.ts';
export {
  accessManagerArtifact,
  attestationLightClientArtifact,
  erc1967ProxyArtifact,
  escrowArtifact,
  gasProbeArtifact,
  ibcErc20Artifact,
  ics20TransferArtifact,
  ics26RouterArtifact,
  minimalAppArtifact,
  testErc20Artifact,
} from './artifacts.ts';
export { accessManagerAbi } from './generated/access-manager.ts';
export { attestationLightClientAbi } from './generated/attestation-light-client.ts';
export { erc1967ProxyAbi } from './generated/erc1967-proxy.ts';
export { escrowAbi } from './generated/escrow.ts';
export { ibcErc20Abi } from './generated/ibc-erc20.ts';
export { ics20TransferAbi } from './generated/ics20-transfer.ts';
export { ics26RouterAbi } from './generated/ics26-router.ts';
export { minimalAppAbi } from './generated/minimal-app.ts';
export { compilerVersion, sourceHash } from './generated/source-hash.ts';
export { testErc20Abi } from './generated/test-erc20.ts';
export type { RoleRule, RoleTarget } from './roles.ts';
export { adminFunctions, roleIds, roleRules } from './roles.ts';
export { commitmentsSlot, verifiedOnceInterfaceId } from './verified-once.ts';

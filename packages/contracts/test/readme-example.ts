import { attestationLightClientArtifact, verifiedOnceInterfaceId } from '@interchain-attestation/contracts';
import { type Hex, type PublicActions, type WalletActions, zeroAddress } from 'viem';

/** Deploys a 2-of-3 client and asks it whether a batch may leave out all proofs but the first. */
export async function deployClient(
  chain: PublicActions & WalletActions,
  account: Hex,
  attestors: readonly [Hex, Hex, Hex],
): Promise<{ address: Hex; takesEmptyProofs: boolean }> {
  const { abi } = attestationLightClientArtifact;
  const args = [attestors, 2, 100n, 1_700_000_000n, zeroAddress] as const;
  const hash = await chain.deployContract({ ...attestationLightClientArtifact, account, chain: null, args });
  const { contractAddress: address } = await chain.waitForTransactionReceipt({ hash });
  if (!address) throw new Error('not deployed');
  const probe = { address, abi, functionName: 'supportsInterface', args: [verifiedOnceInterfaceId] } as const;
  return { address, takesEmptyProofs: await chain.readContract(probe) };
}

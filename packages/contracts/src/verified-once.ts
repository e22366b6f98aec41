/**
 * ERC-165 interface id of `IAttestationVerifiedOnce`: a light client that answers true to
 * `supportsInterface(verifiedOnceInterfaceId)` takes empty follow-up proofs. It is the selector of
 * `verifiedInTransaction(uint64,bytes32,bytes32)`, the only function of the interface.
 */
export const verifiedOnceInterfaceId: `0x${string}` = '0xc371e607';

/**
 * Base of the ERC-7201 namespace `ibc.storage.IBCStore`: the router keeps the commitment of a hashed path at
 * keccak256(hashedPath || base).
 */
export const commitmentsSlot: `0x${string}` = '0x1260944489272988d9df285149b5aa1b0f48f2136d6f416159f840a3e0747600';

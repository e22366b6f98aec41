import { type Abi, parseAbi } from 'viem';

/*
 * Every custom error that a transaction to the router can end in, by who throws it. Source: wire format sections 3 and
 * 4; OpenZeppelin's interfaces for the rest.
 */
const LIGHT_CLIENT = [
  'NoAttestors()',
  'BadQuorum(uint8,uint256)',
  'FrozenClientState()',
  'FeatureNotSupported()',
  'ConsensusTimestampNotFound(uint64)',
  'InvalidSignatureLength(bytes)',
  'SignatureInvalid(bytes)',
  'UnknownSigner(address)',
  'DuplicateSigner(address)',
  'ThresholdNotMet(uint256,uint8)',
  'EmptyValue()',
  'EmptyPackets()',
  'InvalidPathLength(uint256,uint256)',
  'NotMember()',
  'NotNonMember()',
  'HeightMismatch(uint64,uint64)',
  'InvalidState(uint64,uint64)',
  'EmptySignatures()',
] as const;

const ROUTER = [
  'IBCPortAlreadyExists(string)',
  'IBCInvalidPortIdentifier(string)',
  'IBCInvalidTimeoutTimestamp(uint256,uint256)',
  'IBCInvalidTimeoutDuration(uint256,uint256)',
  'IBCInvalidCounterparty(string,string)',
  'IBCAsyncAcknowledgementNotSupported()',
  'IBCErrorUniversalAcknowledgement()',
  'IBCAppNotFound(string)',
  'IBCUnauthorizedSender(address)',
  'IBCFailedCallback()',
  'IBCInvalidClientId(string)',
  'IBCClientNotFound(string)',
  'IBCCounterpartyClientNotFound(string)',
  'IBCClientAlreadyExists(string)',
  'IBCPacketCommitmentAlreadyExists(bytes)',
  'IBCPacketAcknowledgementAlreadyExists(bytes)',
  'InvalidMerklePrefix(bytes[])',
  'IBCMultiPayloadPacketNotSupported()',
  'IBCPacketCommitmentMismatch(bytes32,bytes32)',
  'NoAcknowledgements()',
  'IBCPacketReceiptMismatch(bytes32,bytes32)',
] as const;

const TRANSFER = [
  'ICS20Unauthorized(address)',
  'ICS20UnauthorizedPacketSender(address)',
  'ICS20InvalidAddress(string)',
  'ICS20InvalidAmount(uint256)',
  'ICS20UnexpectedVersion(string,string)',
  'ICS20UnexpectedEncoding(string,string)',
  'ICS20UnexpectedERC20Balance(uint256,uint256)',
  'ICS20DenomNotFound(string)',
  'ICS20InvalidPort(string,string)',
  'ICS20EscrowNotFound(string)',
] as const;

const OPEN_ZEPPELIN = [
  'ECDSAInvalidSignature()',
  'ECDSAInvalidSignatureS(bytes32)',
  'ECDSAInvalidSignatureLength(uint256)',
  'AccessControlUnauthorizedAccount(address,bytes32)',
  'AccessManagedUnauthorized(address)',
  'AccessManagedInvalidAuthority(address)',
  'AccessManagedRequiredDelay(address,uint32)',
  'AccessManagerUnauthorizedAccount(address,uint64)',
  'AccessManagerUnauthorizedCall(address,address,bytes4)',
  'AddressEmptyCode(address)',
  'ERC1967InvalidImplementation(address)',
  'ERC1967NonPayable()',
  'ERC20InsufficientBalance(address,uint256,uint256)',
  'ERC20InsufficientAllowance(address,uint256,uint256)',
  'ERC20InvalidReceiver(address)',
  'ERC20InvalidSender(address)',
  'EnforcedPause()',
  'ExpectedPause()',
  'FailedCall()',
  'InvalidInitialization()',
  'NotInitializing()',
  'ReentrancyGuardReentrantCall()',
  'SafeERC20FailedOperation(address)',
  'StringsInsufficientHexLength(uint256,uint256)',
  'UUPSUnauthorizedCallContext()',
  'UUPSUnsupportedProxiableUUID(bytes32)',
] as const;

/** ABI of the known errors. */
export const errorAbi: Abi = parseAbi(
  [...LIGHT_CLIENT, ...ROUTER, ...TRANSFER, ...OPEN_ZEPPELIN].map((signature) => `error ${signature}`),
);

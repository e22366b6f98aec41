package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/log/v2"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	clientkeeper "github.com/cosmos/ibc-go/v11/modules/core/02-client/keeper"
	clienttypes "github.com/cosmos/ibc-go/v11/modules/core/02-client/types"
	commitmenttypesv2 "github.com/cosmos/ibc-go/v11/modules/core/23-commitment/types/v2"
	"github.com/cosmos/ibc-go/v11/modules/core/exported"
	"github.com/cosmos/ibc-go/v11/modules/light-clients/attestations"
)

const clientID = "attestations-0"

// host is IBC core with one light client type over a store in memory.
type host struct {
	ctx    sdk.Context
	cdc    codec.Codec
	keeper *clientkeeper.Keeper
	module attestations.LightClientModule
}

func newHost() *host {
	key := storetypes.NewKVStoreKey("ibc")
	multi := rootmulti.NewStore(dbm.NewMemDB(), log.NewNopLogger())
	multi.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	if err := multi.LoadLatestVersion(); err != nil {
		panic(err)
	}
	registry := codectypes.NewInterfaceRegistry()
	clienttypes.RegisterInterfaces(registry)
	attestations.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	keeper := clientkeeper.NewKeeper(cdc, runtime.NewKVStoreService(key), nil)
	module := attestations.NewLightClientModule(cdc, keeper.GetStoreProvider())
	keeper.AddRoute(attestations.ModuleName, module)
	ctx := sdk.NewContext(multi, cmtproto.Header{Height: 10}, false, log.NewNopLogger())
	keeper.SetParams(ctx, clienttypes.DefaultParams())
	return &host{ctx: ctx, cdc: cdc, keeper: keeper, module: module}
}

// step is one call. Which fields it needs depends on do.
type step struct {
	Do string `json:"do"`
	// initialize: protobuf messages, not wrapped in Any.
	ClientState    string `json:"clientState"`
	ConsensusState string `json:"consensusState"`
	// update, verifyClientMessage: protobuf AttestationProof. verifyMembership, verifyNonMembership: the same.
	Proof  string   `json:"proof"`
	Height string   `json:"height"`
	Path   []string `json:"path"`
	Value  string   `json:"value"`
}

type clientRequest struct {
	// module: the light client alone. core: through IBC core's keeper.
	Level string            `json:"level"`
	Store map[string]string `json:"store"`
	Steps []step            `json:"steps"`
	// Leave the resulting store out of the answer.
	Quiet bool `json:"quiet"`
}

// runClient runs the steps one after the other over the given client store. A step that fails leaves the store as it
// was, as a transaction does.
func runClient(h *host, line []byte) (map[string]any, error) {
	var req clientRequest
	if err := json.Unmarshal(line, &req); err != nil {
		return nil, err
	}
	ctx, _ := h.ctx.CacheContext()
	store := h.keeper.ClientStore(ctx, clientID)
	for key, value := range req.Store {
		k, v, err := pair(key, value)
		if err != nil {
			return nil, err
		}
		store.Set(k, v)
	}
	results := make([]map[string]any, 0, len(req.Steps))
	for _, s := range req.Steps {
		branch, write := ctx.CacheContext()
		result, err := runStep(h, branch, req.Level, s)
		if err != nil {
			return nil, err
		}
		if result["ok"] == true {
			write()
		}
		results = append(results, result)
	}
	answer := map[string]any{"results": results}
	if !req.Quiet {
		answer["store"] = dump(h.keeper.ClientStore(ctx, clientID))
	}
	return answer, nil
}

func pair(key, value string) ([]byte, []byte, error) {
	k, err := hex.DecodeString(key)
	if err != nil {
		return nil, nil, err
	}
	v, err := hex.DecodeString(value)
	return k, v, err
}

func dump(store storetypes.KVStore) map[string]string {
	out := map[string]string{}
	it := store.Iterator(nil, nil)
	defer it.Close()
	for ; it.Valid(); it.Next() {
		out[hex.EncodeToString(it.Key())] = hex.EncodeToString(it.Value())
	}
	return out
}

// verdict turns what a call returned, or how it panicked, into {ok, code, codespace, message, panic}.
func verdict(call func() (map[string]any, error)) (result map[string]any) {
	defer func() {
		if r := recover(); r != nil {
			result = map[string]any{"ok": false, "panic": fmt.Sprint(r)}
		}
	}()
	values, err := call()
	if err != nil {
		codespace, code, _ := errorsmod.ABCIInfo(err, true)
		return map[string]any{"ok": false, "code": code, "codespace": codespace, "message": err.Error()}
	}
	if values == nil {
		values = map[string]any{}
	}
	values["ok"] = true
	return values
}

func runStep(h *host, ctx sdk.Context, level string, s step) (map[string]any, error) {
	call, err := prepare(h, ctx, level, s)
	if err != nil {
		return nil, err
	}
	return verdict(call), nil
}

func prepare(h *host, ctx sdk.Context, level string, s step) (func() (map[string]any, error), error) {
	if level != "module" && level != "core" {
		return nil, fmt.Errorf("unknown level %q", level)
	}
	core := level == "core"
	proof, err := hex.DecodeString(s.Proof)
	if err != nil {
		return nil, err
	}
	switch s.Do {
	case "initialize":
		clientState, consensusState, err := pair(s.ClientState, s.ConsensusState)
		if err != nil {
			return nil, err
		}
		return func() (map[string]any, error) {
			return nil, h.module.Initialize(ctx, clientID, clientState, consensusState)
		}, nil
	case "status":
		return func() (map[string]any, error) {
			if core {
				return map[string]any{"status": string(h.keeper.GetClientStatus(ctx, clientID))}, nil
			}
			return map[string]any{"status": string(h.module.Status(ctx, clientID))}, nil
		}, nil
	case "latestHeight":
		return func() (map[string]any, error) {
			return map[string]any{"height": h.module.LatestHeight(ctx, clientID).String()}, nil
		}, nil
	case "timestampAtHeight":
		height, err := parseHeight(s.Height)
		if err != nil {
			return nil, err
		}
		return func() (map[string]any, error) {
			timestamp, err := h.module.TimestampAtHeight(ctx, clientID, height)
			return map[string]any{"timestampNs": strconv.FormatUint(timestamp, 10)}, err
		}, nil
	case "recover":
		return func() (map[string]any, error) { return nil, h.module.RecoverClient(ctx, clientID, clientID) }, nil
	case "upgrade":
		return func() (map[string]any, error) {
			return nil, h.module.VerifyUpgradeAndUpdateState(ctx, clientID, nil, nil, nil, nil)
		}, nil
	case "update":
		return func() (map[string]any, error) { return update(h, ctx, core, proof) }, nil
	case "verifyMembership", "verifyNonMembership":
		return prepareProof(h, ctx, core, s, proof)
	}
	return nil, fmt.Errorf("unknown step %q", s.Do)
}

// parseHeight takes "5" and, with a revision number, "1-5".
func parseHeight(text string) (clienttypes.Height, error) {
	number, revision := text, uint64(0)
	if before, after, found := strings.Cut(text, "-"); found {
		var err error
		if revision, err = strconv.ParseUint(before, 10, 64); err != nil {
			return clienttypes.Height{}, err
		}
		number = after
	}
	height, err := strconv.ParseUint(number, 10, 64)
	return clienttypes.NewHeight(revision, height), err
}

// update is MsgUpdateClient: the message travels as Any, so it is unpacked as the codec does, and validated.
func update(h *host, ctx sdk.Context, core bool, message []byte) (map[string]any, error) {
	var clientMessage exported.ClientMessage
	packed := &codectypes.Any{TypeUrl: "/" + proto.MessageName(&attestations.AttestationProof{}), Value: message}
	if err := h.cdc.UnpackAny(packed, &clientMessage); err != nil {
		// On a chain the transaction around the message would not decode.
		return nil, errorsmod.Wrap(sdkerrors.ErrTxDecode, err.Error())
	}
	if err := clientMessage.ValidateBasic(); err != nil {
		return nil, err
	}
	if core {
		return nil, h.keeper.UpdateClient(ctx, clientID, clientMessage)
	}
	if err := h.module.VerifyClientMessage(ctx, clientID, clientMessage); err != nil {
		return nil, err
	}
	if h.module.CheckForMisbehaviour(ctx, clientID, clientMessage) {
		h.module.UpdateStateOnMisbehaviour(ctx, clientID, clientMessage)
		return map[string]any{"misbehaviour": true}, nil
	}
	heights := []string{}
	for _, height := range h.module.UpdateState(ctx, clientID, clientMessage) {
		heights = append(heights, height.String())
	}
	return map[string]any{"heights": heights}, nil
}

func prepareProof(h *host, ctx sdk.Context, core bool, s step, proof []byte) (func() (map[string]any, error), error) {
	height, err := parseHeight(s.Height)
	if err != nil {
		return nil, err
	}
	value, err := hex.DecodeString(s.Value)
	if err != nil {
		return nil, err
	}
	keys := make([][]byte, len(s.Path))
	for i, text := range s.Path {
		if keys[i], err = hex.DecodeString(text); err != nil {
			return nil, err
		}
	}
	path := commitmenttypesv2.NewMerklePath(keys...)
	membership := s.Do == "verifyMembership"
	return func() (map[string]any, error) {
		switch {
		case core && membership:
			return nil, h.keeper.VerifyMembership(ctx, clientID, height, 0, 0, proof, path, value)
		case core:
			return nil, h.keeper.VerifyNonMembership(ctx, clientID, height, 0, 0, proof, path)
		case membership:
			return nil, h.module.VerifyMembership(ctx, clientID, height, 0, 0, proof, path, value)
		default:
			return nil, h.module.VerifyNonMembership(ctx, clientID, height, 0, 0, proof, path)
		}
	}, nil
}

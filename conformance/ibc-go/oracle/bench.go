package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"runtime"
	"sort"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
)

type benchRequest struct {
	Store map[string]string `json:"store"`
	// Each must verify; they are taken in turn, so that no two calls in a row see the same bytes.
	Steps []step `json:"steps"`
	// How many verifications in one round, and how many rounds; the answer is the median round.
	Count  int `json:"count"`
	Rounds int `json:"rounds"`
	// Also measure this many public key recoveries alone.
	Recoveries int `json:"recoveries"`
}

// runBench measures verifyMembership on one core.
func runBench(h *host, line []byte) (map[string]any, error) {
	var req benchRequest
	if err := json.Unmarshal(line, &req); err != nil {
		return nil, err
	}
	runtime.GOMAXPROCS(1)
	ctx, _ := h.ctx.CacheContext()
	store := h.keeper.ClientStore(ctx, clientID)
	for key, value := range req.Store {
		k, v, err := pair(key, value)
		if err != nil {
			return nil, err
		}
		store.Set(k, v)
	}
	calls := make([]func() (map[string]any, error), len(req.Steps))
	for i, s := range req.Steps {
		call, err := prepare(h, ctx, "module", s)
		if err != nil {
			return nil, err
		}
		if _, err := call(); err != nil {
			return nil, fmt.Errorf("step %d: %w", i, err)
		}
		calls[i] = call
	}
	rounds := make([]float64, 0, req.Rounds)
	for round := 0; round < req.Rounds; round++ {
		started := time.Now()
		for i := 0; i < req.Count; i++ {
			if _, err := calls[i%len(calls)](); err != nil {
				return nil, err
			}
		}
		rounds = append(rounds, float64(time.Since(started).Nanoseconds())/float64(req.Count))
	}
	answer := map[string]any{"medianNs": median(rounds)}
	if req.Recoveries > 0 {
		answer["recoveryNs"] = benchRecovery(req.Recoveries)
	}
	return answer, nil
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sort.Float64s(values)
	return values[len(values)/2]
}

func benchRecovery(count int) float64 {
	key, err := crypto.ToECDSA(new(big.Int).SetUint64(7).FillBytes(make([]byte, 32)))
	if err != nil {
		panic(err)
	}
	digest, _ := hex.DecodeString("4774d4a575993f963b1c06573736617a457abef8589178db8d10c94b4ab511ab")
	signature, err := crypto.Sign(digest, key)
	if err != nil {
		panic(err)
	}
	started := time.Now()
	for i := 0; i < count; i++ {
		if _, err := crypto.SigToPub(digest, signature); err != nil {
			panic(err)
		}
	}
	return float64(time.Since(started).Nanoseconds()) / float64(count)
}

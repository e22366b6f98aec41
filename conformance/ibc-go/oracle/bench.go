package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"runtime"
	"syscall"

	"github.com/ethereum/go-ethereum/crypto"
)

type benchRequest struct {
	Store map[string]string `json:"store"`
	// Each must verify; they are taken in turn, so that no two calls in a row see the same bytes.
	Steps []step `json:"steps"`
	// How many verifications.
	Count int `json:"count"`
	// Also measure this many public key recoveries alone.
	Recoveries int `json:"recoveries"`
}

// runBench measures verifyMembership on one core. Processor time counts, not the clock: the machine may have other work.
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
	answer := map[string]any{}
	if req.Count > 0 {
		started := processorTime()
		for i := 0; i < req.Count; i++ {
			if _, err := calls[i%len(calls)](); err != nil {
				return nil, err
			}
		}
		answer["ns"] = float64(processorTime()-started) / float64(req.Count)
	}
	if req.Recoveries > 0 {
		answer["recoveryNs"] = benchRecovery(req.Recoveries)
	}
	return answer, nil
}

// processorTime is what the process has used so far, all threads, in nanoseconds.
func processorTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// benchRecovery measures the C library's part alone: what Go then does with the key's bytes is left out.
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
	started := processorTime()
	for i := 0; i < count; i++ {
		if _, err := crypto.Ecrecover(digest, signature); err != nil {
			panic(err)
		}
	}
	return float64(processorTime()-started) / float64(count)
}

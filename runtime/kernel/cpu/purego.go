//go:build purego

package cpu

// assembly says that this build has no kernels in assembly, whatever the
// machine could run.
const assembly = false

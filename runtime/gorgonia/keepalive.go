//go:build gorgonia

package gorgonia

// This version of the module below does not stop the program at start-up on a
// Go release that it was not told of; the older one that Gorgonia asks for does.
import _ "go4.org/unsafe/assume-no-moving-gc"

// Package guard gives tests of kernels memory in which a step past the end of a
// buffer ends the program.
//
// The package is for tests alone.
package guard

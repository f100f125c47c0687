// Package asm is the module of the generators that write the project's
// assembly: one command a kernel package, run by `go generate` in this folder.
// It is a module of its own so that the generator's library does not enter the
// product's.
package asm

//go:generate go run ./gemm -out ../gemm/gemm_amd64.s -stubs ../gemm/stubs_amd64.go -pkg gemm
//go:generate go run ./nbits -out ../nbits/nbits_amd64.s -stubs ../nbits/stubs_amd64.go -pkg nbits
//go:generate go run ./nchwc -out ../nchwc/nchwc_amd64.s -stubs ../nchwc/stubs_amd64.go -pkg nchwc
//go:generate go run ./vec -out ../vec/vec_amd64.s -stubs ../vec/stubs_amd64.go -pkg vec
//go:generate go run ./qgemm -out ../qgemm/qgemm_amd64.s -stubs ../qgemm/stubs_amd64.go -pkg qgemm
//go:generate go run ./quant -out ../quant/quant_amd64.s -stubs ../quant/stubs_amd64.go -pkg quant

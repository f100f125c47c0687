// Package sample chooses the next token from the scores that a language model gives.
//
// A [Sampler] is a row of steps, each in a file of its own:
//
//	penalties   repetition, presence, frequency: change the scores of tokens seen before
//	filters     temperature, top-k, typical, top-p, min-p: leave the likely ones, in this order
//	choice      the most likely (temperature 0), or one at random by its probability
//
// The steps and their order are those of Hugging Face transformers; presence and
// frequency penalties are those of the OpenAI API. Random choices depend on the seed
// alone: the same scores and seed give the same tokens on every machine.
package sample

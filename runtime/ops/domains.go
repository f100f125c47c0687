package ops

// GradientDomain is the domain of the gradients that have a kernel here. A graph
// that uses them has them as functions too, which other engines run.
const GradientDomain = "infer.grad"

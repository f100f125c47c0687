// Package movement has the rules of movement.
package movement

import "github.com/seed6700ada1/infer/finetune/grad/rule"

// Rules is the list of this family.
var Rules = []rule.Rule{}

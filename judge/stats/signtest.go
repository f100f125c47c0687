package stats

// SignTest tests whether differences lean to one side: its statistic is the number of
// those above zero, and those at zero say nothing.
func SignTest(differences []float64) Test {
	above, below := 0, 0
	for _, d := range differences {
		switch {
		case d > 0:
			above++
		case d < 0:
			below++
		}
	}
	return Test{float64(above), binomialTwoSided(above, above+below)}
}

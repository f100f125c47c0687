// Package judgetest runs judged suites under go test, and holds what tests of judges
// need: scripted judges, and an endpoint that answers as it is told and fails on purpose.
//
//	func TestAnswers(t *testing.T) {
//		judgetest.Gate(t, "testdata/suite.yaml", "accuracy.lower > 0.8")
//	}
package judgetest

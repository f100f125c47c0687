// Package faceeval measures face detectors against labelled pictures: recall
// and average precision, for dlib's XML lists and for the scenes of
// labels.jsonl.
package faceeval

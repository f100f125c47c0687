// Package judges holds the judges that need no server: Go functions, scorers such as
// classifiers and embedding models, language models in this process, recordings, and
// people at a terminal. Package openai holds the one that asks an endpoint.
package judges

import ArgumentParser
import Gateway

/// `callgate config`: questions about the settings.
struct ConfigCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Questions about the settings.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read the settings and say everything that is wrong with them.",
            discussion: "Looks at the environment, the file and the secrets that it refers to, and starts nothing.")

        @OptionGroup var source: SettingsSource

        func run() async throws {
            let settings = try source.settings(withSecrets: true)
            Terminal.say("The settings are good: \(settings.tenants.count) tenants declared, database \(settings.database).")
        }
    }
}

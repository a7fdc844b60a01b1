/// What a robot or a stepper does takes longer than the control loop itself may.
public enum Errands {
    public static let methods: Set<String> = [
        RobotsTransfer.name, RobotsPark.name, SteppersMove.name, SteppersHome.name,
    ]
    /// How long the daemon waits for its end; flowlabctl gives up before.
    public static let seconds = 330.0
}
